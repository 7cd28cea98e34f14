"""config.yaml: read, checked, and handed on as plain values."""

from aggregator.config.model import Config, PostsConfig, SourceConfig
from aggregator.config.reading import load_config

__all__ = ["Config", "PostsConfig", "SourceConfig", "load_config"]
