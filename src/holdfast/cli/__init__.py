"""The command line. [IO]

Only what a command needs is imported, inside the command: `holdfast --help` must not wait for JAX.
"""
