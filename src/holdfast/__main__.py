"""`python -m holdfast`: the command line. [IO]"""

from holdfast.cli.app import main

if __name__ == "__main__":
    main()
