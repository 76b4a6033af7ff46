"""declweb turns one readable TOML file into a running website."""
