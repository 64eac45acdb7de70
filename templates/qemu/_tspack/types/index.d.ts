// Types of plugins, one line each. Those of the built-in components come with tspack itself.
