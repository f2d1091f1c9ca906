"""Where effects stand that do not come with the package."""

import os


def effect_folders() -> list[str]:
    """Folders of effects besides the shipped ones: `HOLDFAST_EFFECTS`, parted as `PATH` is. Workers inherit it.

    Returns:
        Their absolute paths; they need not exist.
    """
    given = os.environ.get("HOLDFAST_EFFECTS", "").split(os.pathsep)
    return [os.path.abspath(os.path.expanduser(each)) for each in given if each]
