"""What to think of one army: ten codes in, chances out, with the armies like it and what would change the answer."""

from holdfast.assess.recoding import SecondCoder as SecondCoder
from holdfast.assess.recoding import second_coder as second_coder
from holdfast.assess.run import Assessment as Assessment
from holdfast.assess.run import assess as assess
from holdfast.assess.sensitivity import Change as Change
