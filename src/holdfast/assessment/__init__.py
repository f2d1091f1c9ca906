"""The assessment of one army: ten codes in, chances out, with the armies like it and what would change the answer."""

from holdfast.assessment.run import Assessment as Assessment
from holdfast.assessment.run import Change as Change
from holdfast.assessment.run import SecondCoder as SecondCoder
from holdfast.assessment.run import assess as assess
from holdfast.assessment.run import second_coder as second_coder
