"""Parameters that senders and advertisers add to see who follows a link, and servers to know a visitor again. None of
them selects a page.

Names are in lower case; `*` stands for any characters. What some sites give another meaning is not listed, because two
pages must never count as one: `campaign_id`, `cmp`, `from`, `id`, `ncid`, `smid`, `source`, `src`, `trk`, `via`.
"""

# Ids are minted from links without these, so this list never changes: another one would mint other ids.
FOR_IDS = (
    "utm_*", "utm-*", "at_medium", "at_campaign", "at_custom*", "pk_*", "mtm_*", "matomo_*", "piwik_*",
    "_ga", "_gl", "_gac", "ga_*", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "srsltid",
    "fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", "igsh", "mibextid",
    "msclkid", "cvid", "ocid", "twclid", "ref_src", "ref_url", "ttclid", "li_fat_id", "epik", "sc_cid",
    "rdt_cid", "yclid", "_openstat", "ysclid", "spm", "scm", "share_source", "share_medium", "spm_id_from",
    "vd_source", "mc_cid", "mc_eid", "mkt_tok", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id",
    "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "ml_subscriber", "ml_subscriber_hash",
    "ck_subscriber_id", "dm_i", "elqtrackid", "elqtrack", "s_cid", "wt_mc", "wt_mc_o", "wt_zmc", "wickedid",
    "irclickid", "cmpid", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "xtor",
    "cndid", "ftag", "guccounter", "guce_referrer*", "amp_js_v",
)  # fmt: skip

# Links are compared without these, each as its maker's documentation describes it.
TRACKING = (
    *FOR_IDS,
    # counted by web analytics: internal campaigns, Adobe, AT Internet (Piano), IBM, Webtrends, Yandex
    "campaign_content", "campaign_date", "campaign_medium", "campaign_name", "campaign_source", "campaign_term",
    "itm_campaign", "itm_content", "itm_medium", "itm_source", "itm_term", "hmb_campaign", "hmb_medium", "hmb_source",
    "ef_id", "s_kwcid", "at_bbc_team", "at_channel", "at_creation", "at_emailtype", "at_format", "at_link_id",
    "at_link_origin", "at_link_type", "at_network", "at_ptr_name", "at_ptr_type", "at_recipient_id",
    "at_recipient_list", "at_send_date", "at_variant", "xtref", "cm_mmc", "cm_mmca*", "wt.mc_id", "wt.mc_ev", "ymclid",
    # clicks on advertisements: Google, HubSpot, Impact, Branch
    "gad_campaignid", "hsa_acc", "hsa_ad", "hsa_cam", "hsa_grp", "hsa_kw", "hsa_la", "hsa_mt", "hsa_net", "hsa_ol",
    "hsa_src", "hsa_tgt", "hsa_ver", "irgwc", "_branch_match_id", "_branch_referrer",
    # letters: ActiveCampaign, beehiiv, Blueshift, Drip, Klaviyo, Letterhead, Listrak, Mailchimp, Mindbox, Responsys,
    # Salesforce
    "vgo_ee", "_bhlid", "bsft_*", "__s", "_ke", "_kx", "lh_aid", "lh_cid", "lh_em", "trk_contact", "trk_module",
    "trk_msg", "trk_sid", "mc_tc", "mindbox-click-id", "mindbox-message-key", "_ri_", "sfmc_*",
    # shared by a button: Yahoo
    "soc_src", "soc_trk",
    # the session of whoever asked for the feed, another one each time: ASP, ColdFusion, Java (also in the path), PHP
    "aspsessionid*", "cfid", "cftoken", "jsessionid", "phpsessid",
)  # fmt: skip
