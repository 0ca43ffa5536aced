"""What lies among the pages and holds no tests: the settings and extensions of Sphinx, and what they generate."""

collect_ignore = ["_extensions", "conf.py", "generated"]
