"""config.yaml: read, checked, and handed on as plain values."""

from aggregator.config.model import Config, PostsConfig, SourceConfig
from aggregator.config.reading import load_config
from aggregator.config.rules import RuleBook

__all__ = ["Config", "PostsConfig", "RuleBook", "SourceConfig", "load_config"]
