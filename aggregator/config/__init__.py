"""config.yaml: read, checked, and handed on as plain values."""

from aggregator.config.model import Config, PostsConfig
from aggregator.config.reading import load_config
from aggregator.config.rules import RuleBook
from aggregator.config.source import SourceConfig

__all__ = ["Config", "PostsConfig", "RuleBook", "SourceConfig", "load_config"]
