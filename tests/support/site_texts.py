"""Sentences of honest blogs and of what lapsed domains come back with, to write posts of.

A subject is (language, words, sentences): `{}` in a sentence stands for one of the words.
"""

from typing import NamedTuple


class Subject(NamedTuple):
    language: str
    words: list[str]
    sentences: list[str]


def _subject(language: str, words: str, sentences: str) -> Subject:
    return Subject(language, words.split(), [line.strip() for line in sentences.strip().splitlines()])


HONEST = {
    "programming": _subject(
        "en",
        "compiler decorator generator iterator coroutine debugger parser profiler linter package module thread cache",
        """I spent the weekend on a {} that reads its own configuration.
        The {} broke after the last release, and the traceback pointed at the wrong line.
        You can replace the {} with a small function and a few tests.
        Most people write the {} first and ask what it should do later.
        There is a pull request that makes the {} twice as fast on large inputs.
        My advice is to read how the standard library handles its {}.
        A {} that nobody understands is a bug that has not happened yet.
        We measured how often the {} is called, and were surprised.
        The new version removes the old {} and documents its replacement.""",
    ),
    "cooking": _subject(
        "en",
        "onion garlic butter aubergine lentil rosemary dough saffron mushroom pumpkin leek barley fennel walnut plum",
        """Chop the {} finely and let it sweat in a heavy pan.
        My grandmother never measured the {}, and neither do I.
        Leave the {} in the oven until the kitchen smells of it.
        This soup needs nothing but {}, water, salt and an hour of patience.
        At the market I found the last {} of the season.
        If you have no {}, take what is left from yesterday.
        Serve it warm with bread, and put the rest of the {} on the table.
        A pinch of sugar brings out the taste of the {}.""",
    ),
    "politics": _subject(
        "en",
        "senate budget coalition minister election treaty tariff referendum parliament mayor amendment union court",
        """The {} voted late on Thursday after three days of debate.
        Nobody in the {} expected the numbers to be so close.
        Critics say that the {} has lost the confidence of its own voters.
        What the {} needs now is a plan that outlives the next campaign.
        Reporters asked the {} about the letter, and got no answer.
        In the provinces the {} is judged by the price of bread.
        A leaked memo shows how the {} prepared for the worst.
        The law gives the {} sixty days to respond.""",
    ),
    "astronomy": _subject(
        "en",
        "telescope nebula comet quasar galaxy eclipse supernova asteroid spectrum orbit planet pulsar moon mirror",
        """Last night the {} stood high enough to be seen from the balcony.
        Astronomers have measured the {} more precisely than ever before.
        The light of this {} left before there were people to see it.
        With a small instrument the {} looks like a smudge of chalk.
        A new survey has found the {} where nobody had looked.
        We drove to the mountains to photograph the {}.
        The data on the {} will be public within a year.
        It is not clear why the {} is so faint in the infrared.""",
    ),
    "books": _subject(
        "en",
        "novel memoir chapter narrator poem publisher translation paperback library sequel essay letter diary critic",
        """I finished the {} on the train and started again at once.
        The {} is at its best when hardly anything happens.
        There are two kinds of readers of this {}, and both are right.
        A friend lent me the {} ten years ago, and wants it back.
        The second half of the {} forgets what the first half promised.
        Nobody writes a {} like this any more, perhaps because nobody dares.
        In the afterword the author says where the {} came from.
        Read the {} slowly, with a pencil.""",
    ),
    "photography": _subject(
        "en",
        "lens shutter tripod portrait harbor darkroom aperture fog negative print landscape shadow filter camera",
        """The {} was older than I am, and sharper than anything I own.
        I waited an hour until the {} was in the right light.
        This roll of film shows the {} on a cold morning in March.
        Do not buy another {}; go out with the one you have.
        The picture of the {} was an accident.
        For the series I photographed one {} every week of the year.
        Developed at home, the {} came out darker than I had planned.
        Somebody asked which {} I used, and I had to look it up.""",
    ),
    "german": _subject(
        "de",
        "Rechner Garten Fahrrad Bahnhof Verein Schule Werkstatt Zeitung Küche Brücke Bibliothek Wald Gemeinde",
        """Am Wochenende habe ich mir die Sache mit dem {} noch einmal angesehen.
        Der {} ist seit gestern wieder offen, aber niemand weiß wie lange.
        Wer den {} kennt, der wird sich über die Nachricht nicht wundern.
        Wir haben lange darüber gesprochen, ob der {} so bleiben kann.
        In der Stadt wird über den {} gestritten, und das ist gut so.
        Früher war der {} ein Ort, an dem man sich getroffen hat.
        Ich würde den {} jederzeit wieder so bauen.
        Das Bild zeigt den {} kurz nach Sonnenaufgang.""",
    ),
    "french": _subject(
        "fr",
        "marché jardin quartier théâtre musée village atelier cinéma potager journal roman voyage concert",
        """Nous avons passé la matinée au {} sous une pluie fine.
        Le {} a changé depuis la dernière fois, et pas toujours en bien.
        Je voulais écrire quelque chose sur le {} depuis des mois.
        Les habitants parlent du {} comme d'un vieil ami.
        Il faut arriver tôt si l'on veut profiter du {}.
        Mon père m'a raconté ce que le {} était avant la guerre.
        La semaine prochaine nous irons voir le {} avec les enfants.
        Cette photographie du {} a été prise hier soir.""",
    ),
    "spanish": _subject(
        "es",
        "gobierno barrio mercado camino puerto equipo maestro libro festival campo pueblo viaje teatro río",
        """Ayer volvimos al {} después de mucho tiempo.
        El {} no es lo que era, dicen los vecinos con una sonrisa.
        Hace años que quería escribir sobre el {} y su gente.
        Nadie sabe con certeza cuándo se abrirá el {} otra vez.
        Lo mejor del {} es lo que queda fuera de la fotografía.
        Mi abuela contaba historias del {} que nunca olvidaré.
        Para llegar al {} hay que cruzar el puente viejo.
        Este fin de semana el {} estará lleno de música.""",
    ),
    "indonesian": _subject(
        "id",
        "pasar sawah sekolah perpustakaan dapur kampung gunung pelabuhan kebun sepeda hujan kereta buku",
        """Kemarin saya pergi ke {} bersama keluarga dan beberapa teman lama.
        Sudah lama saya ingin menulis tentang {} di kota ini.
        Orang tua kami dulu bekerja di dekat {} setiap hari.
        Foto ini saya ambil di {} pada pagi hari sebelum hujan turun.
        Menurut saya {} itu lebih indah daripada yang diceritakan orang.
        Minggu depan kami akan kembali ke {} dengan membawa bekal.
        Tidak ada yang tahu kapan {} akan dibuka lagi.""",
    ),
    "russian": _subject(
        "ru",
        "компилятор сервер журнал город библиотека дорога телескоп музей роман театр завод сад язык",
        """Вчера мы снова говорили про {} и о том, что с ним будет дальше.
        Этот {} давно пора было переписать, но руки не доходили.
        Если вы никогда не видели {}, то начните с малого.
        В новой версии {} стал заметно быстрее и проще.
        Мне кажется, что {} нужен не всем, но мне он нужен.
        На прошлой неделе {} обсуждали почти все мои знакомые.
        Когда я был маленьким, {} казался мне огромным.""",
    ),
    "chinese": _subject(
        "zh",
        "编译器 数据库 图书馆 相机 城市 小说 电影 厨房 火车 博物馆 服务器 山路 咖啡",
        """上个周末我花了很多时间研究{},终于有了一些结果。
        关于{}的文章很多,但是真正讲清楚的并不多。
        我第一次接触{}是在大学的时候,那时候什么都不懂。
        如果你对{}感兴趣,可以从官方文档开始看起。
        这几年{}的变化非常大,很多人都没有注意到。
        朋友问我为什么喜欢{},我想了很久也没有答案。
        今天整理照片,发现了几张和{}有关的旧照片。""",
    ),
    "japanese": _subject(
        "ja",
        "カメラ 図書館 駅前 データベース 小説 台所 山道 サーバー 映画 庭 喫茶店 自転車",
        """週末は{}のことばかり考えていて、気がつくと夜になっていた。
        {}についての記事はたくさんあるけれど、詳しいものは少ない。
        はじめて{}を見たのは学生のころで、まだ何も知らなかった。
        もし{}に興味があるなら、公式の説明から読むのがよいと思う。
        この数年で{}はずいぶん変わったのに、誰も気づいていない。
        今日は{}の写真を整理しながら、昔のことを思い出していた。""",
    ),
}

# What a domain comes back with once somebody else has bought it.
SPAM = {
    "casino-en": _subject(
        "en",
        "jackpot roulette blackjack slots poker bonus casino bets sportsbook wagering spins baccarat payout deposit",
        """Claim your welcome {} today and play with double credit.
        Our experts rank the best online {} sites for real money.
        No {} required: sign up in one minute and start winning.
        The {} pays out within hours by card, crypto or bank transfer.
        Enjoy live {} with real dealers around the clock.
        Every new player gets fifty free {} on registration.
        Play {} responsibly, eighteen plus, terms apply.""",
    ),
    "casino-id": _subject(
        "id",
        "slot gacor judi togel maxwin taruhan bandar jackpot poker scatter deposit pulsa withdraw rtp zeus",
        """Daftar situs {} terpercaya dengan bonus member baru seratus persen.
        Main {} online hari ini dan dapatkan kemenangan besar tanpa potongan.
        Link alternatif {} resmi yang mudah menang untuk semua pemain.
        Bocoran {} malam ini sudah kami siapkan untuk para pemain setia.
        Minimal {} hanya sepuluh ribu rupiah melalui semua bank lokal.
        Agen {} terbaik di Indonesia dengan layanan dua puluh empat jam.""",
    ),
    "casino-tr": _subject(
        "tr",
        "bahis casino rulet bonus slot iddaa kumar poker jackpot çevrim freespin kupon oran",
        """Güvenilir {} siteleri arasında en yüksek kazanç burada sizi bekliyor.
        Yeni üyelere özel {} fırsatı ile hemen oynamaya başlayın.
        Güncel giriş adresi üzerinden {} oynamak artık çok kolay.
        Yatırım şartsız {} veren siteler listesi bu ay yenilendi.
        Canlı {} masalarında gerçek krupiyelerle şansınızı deneyin.
        Hızlı para çekme ve {} için müşteri hizmetlerine ulaşın.""",
    ),
    "casino-ru": _subject(
        "ru",
        "казино бонус рулетка слоты джекпот фриспины ставки покер депозит выигрыш вейджер автоматы",
        """Играйте в лучшие {} на реальные деньги без регистрации.
        Получите {} за первый взнос и начните выигрывать уже сегодня.
        Рабочее зеркало открывает доступ к {} в любое время суток.
        Новые игроки получают {} сразу после подтверждения номера.
        Мгновенные выплаты и честные {} ждут каждого посетителя.
        Скачайте приложение, чтобы {} были всегда под рукой.""",
    ),
    "casino-zh": _subject(
        "zh",
        "百家乐 老虎机 彩票 投注 赌场 轮盘 真人荷官 返水 棋牌 体育博彩 电子游戏",
        """最新{}平台官方网站入口,注册即送彩金。
        玩{}就来这里,提款秒到账,安全有保障。
        我们提供{}在线试玩,首存百分之百优惠。
        专业的{}推荐,每天更新最准确的预测。
        手机版{}下载,随时随地轻松赢大奖。
        加入会员即可享受{}高额返利和生日礼金。""",
    ),
    "pills": _subject(
        "en",
        "viagra cialis levitra tramadol modafinil pharmacy prescription xanax phentermine tablets dosage ambien",
        """Buy cheap {} online without prescription and save seventy percent.
        Our certified {} ships worldwide in discreet packaging.
        Generic {} has the same effect as the brand at a fraction of the price.
        Order {} tonight and get ten free pills with overnight delivery.
        Men over forty trust our {} for lasting results.
        The lowest {} price guaranteed, money back if not satisfied.""",
    ),
    "essays": _subject(
        "en",
        "essay dissertation coursework assignment homework thesis writer deadline plagiarism grade citation proposal",
        """Pay somebody to write my {} and relax until tomorrow.
        Our native experts deliver every {} before your deadline.
        Get a top {} from the cheapest service on the market.
        Students buy a {} here because we promise full privacy.
        One hundred percent original {}, unlimited free revisions.
        Use the coupon for fifteen percent off your first {}.""",
    ),
    "loans": _subject(
        "en",
        "payday loan mortgage refinance lender credit insurance forex bitcoin broker trading cashback leverage",
        """Apply for an instant {} with bad history and no guarantor.
        Compare {} offers and receive the money the same day.
        Ten reasons why {} is the smartest investment of 2026.
        The ultimate guide to {} for beginners and professionals.
        Maximize your returns with an automated {} robot.
        Top ranked {} companies reviewed by our editorial team.""",
    ),
    "vpn": _subject(
        "en",
        "vpn proxy streaming antivirus router mattress vacuum dropshipping coupon hosting keyword backlink influencer",
        """Looking for the best {} in 2026? You have come to the right place.
        In this article we will discuss the top ten {} options available.
        When it comes to {}, quality and affordability are what matters.
        In conclusion, choosing the right {} depends on your specific needs.
        Boost your business with a professional {} strategy.
        Check the latest {} deals before they expire tonight.""",
    ),
    "parked": _subject(
        "en",
        "domain website registrar auction premium offer brand inquiry ownership transfer marketplace",
        """This {} is for sale, make an offer through our marketplace.
        Related searches for this {} are listed below by our sponsors.
        Buy this {} now with secure payment and fast transfer.
        The owner of this {} is accepting bids until the end of the month.
        Learn more about how you can get this {} for your business.""",
    ),
}
