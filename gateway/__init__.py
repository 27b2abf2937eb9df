"""REST for people and browsers: it renders what the two services say and holds no state of its own."""
