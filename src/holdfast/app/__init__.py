"""The live page: a local server, the wars that its viewers play, and work in the background."""
