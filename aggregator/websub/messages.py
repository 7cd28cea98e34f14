"""What is sent for a config: pings to another hub, or what our own hub sends."""

from collections.abc import Sequence

from aggregator.app import App
from aggregator.publish.output_tree import Tree
from aggregator.settings import own_hub
from aggregator.websub.delivery import Deliveries
from aggregator.websub.outbox import Messages
from aggregator.websub.pings import pings_of
from aggregator.websub.verification import Verifications


def messages_of(app: App) -> Sequence[Messages]:
    hub = own_hub(app.config)
    if not hub:
        return pings_of(app)
    return [Verifications(), Deliveries(hub, app.config.site.url, Tree(app.output))]
