"""`holdfast`, `python -m holdfast`: the command line. [IO]"""

import gc


def main() -> None:
    """Start the command line.

    What is imported stays until the end, so nothing is gained by looking through it for what could go: that would be a sixth
    of the time of `holdfast --help`.
    """
    gc.disable()
    from holdfast.cli.app import main as command_line

    gc.freeze()
    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
