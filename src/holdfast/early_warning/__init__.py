"""Early warning: signals of an army's exits week by week, each beside the skill that was measured of it."""
