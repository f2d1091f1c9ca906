"""What to think of one army: ten codes in, chances out, with the armies like it and what would change the answer."""

from holdfast.assess.answer import Assessment as Assessment
from holdfast.assess.answer import assess as assess
from holdfast.assess.changes import Change as Change
from holdfast.assess.second import SecondCoder as SecondCoder
from holdfast.assess.second import second_coder as second_coder
