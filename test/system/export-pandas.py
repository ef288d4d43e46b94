"""What Python reads of exported files, as JSON: values exactly, as text.  export-pandas.py FOLDER < JSON {"lines": docs' lines, ...}"""
import csv, json, os, struct, sys, zipfile

import numpy as np
import openpyxl
import pandas as pd


def exact(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, (int, np.integer)):
        return f"i{int(value)}"
    if isinstance(value, (float, np.floating)):
        return "fnan" if np.isnan(value) else f"f{struct.pack('>d', value).hex()}"
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"t{value.astype('datetime64[ms]').astype(np.int64)}"
    if hasattr(value, "isoformat"):
        return f"t{np.datetime64(value.replace(tzinfo=None), 'ms').astype(np.int64)}"
    return f"s{value}"


def frame(of):
    return {name: {"dtype": str(of[name].dtype), "values": [exact(value) for value in of[name]]} for name in of.columns}


def archive(path):
    with np.load(path, allow_pickle=False) as arrays:
        return {name: {"dtype": arrays[name].dtype.str, "values": [exact(value) for value in arrays[name]]} for name in arrays.files}


def workbook(path):
    found = openpyxl.load_workbook(path)
    return {
        sheet.title: {
            "frozen": sheet.freeze_panes,
            "bold": all(cell.font.bold for cell in sheet[1]) if sheet.max_row > 0 else True,
            "rows": [[[exact(cell.value), cell.data_type] for cell in row] for row in sheet.iter_rows()],
        }
        for sheet in found.worksheets
    }


def lines(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


asked = json.load(sys.stdin)
os.chdir(sys.argv[1])
names = {"pd": pd, "np": np, "zipfile": zipfile}
for line in asked["lines"]:
    exec(line, names)
answer = {
    "frames": {name: frame(value) for name, value in names.items() if isinstance(value, pd.DataFrame)},
    "units": {name: {key: exact(unit) for key, unit in dict(names[name]).items()} for name in ("units", "npz_units") if name in names},
    "archives": {path: archive(path) for path in asked.get("archives", [])},
    "workbooks": {path: workbook(path) for path in asked.get("workbooks", [])},
    "lines": {path: lines(path) for path in asked.get("csv", [])},
}
json.dump(answer, sys.stdout)
