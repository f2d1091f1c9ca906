"""A spreadsheet written by hand, so that no writer of spreadsheets is needed."""

from __future__ import annotations

import string
import zipfile
from pathlib import Path

SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
ROWS
</sheetData></worksheet>"""
BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName='
    '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="one" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": SHEET,
}  # fmt: skip


def spreadsheet(file: Path, rows: dict[int, tuple[str | int, ...]]) -> Path:
    """A spreadsheet of one sheet with these rows, by number from 1."""
    texts = []
    for number, values in rows.items():
        cells = [
            f'<c r="{column}{number}"><v>{value}</v></c>' if isinstance(value, int) else
            f'<c r="{column}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            for column, value in zip(string.ascii_uppercase, values)
        ]  # fmt: skip
        texts.append(f'<row r="{number}">{"".join(cells)}</row>')
    with zipfile.ZipFile(file, "w") as book:
        for name, text in BOOK.items():
            book.writestr(name, text.replace("ROWS", "\n".join(texts)))
    return file
