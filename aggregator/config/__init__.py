"""config.yaml: model, checks with file and line, edits that keep comments."""

from aggregator.config.category_rules import RuleBook
from aggregator.config.load import load_config
from aggregator.config.model import Config
from aggregator.config.sections import PostsConfig
from aggregator.config.source import SourceConfig

__all__ = ["Config", "PostsConfig", "RuleBook", "SourceConfig", "load_config"]
