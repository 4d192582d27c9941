"""The commands, one a module; together with cli the only place that reads arguments and prints."""
