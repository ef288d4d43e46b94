"""XGBoost's side of comparisons. A request is a line of JSON, the answer too; tables are files of float32, row by row, NaN where a value is missing.

    {"do": "train", "table": {"data": PATH, "labels": PATH, "weights": PATH or null, "names": [...], "rows": 9, "columns": 3}, "parameters": {...}, "rounds": 5,
     "model": PATH}                                                          -> {"ms": 12.3}
    {"do": "predict", "table": {...}, "model": PATH, "predictions": PATH, "contributions": PATH}    -> {"ms": 0.1}

`ms`: CPU time of training, or of predicting, on one thread; of nothing else. The first answer, before any request, says the version.
"""
import json
import sys
import time

import numpy
import xgboost


def matrix(table):
    data = numpy.fromfile(table["data"], numpy.float32).reshape(table["rows"], table["columns"])
    labels = numpy.fromfile(table["labels"], numpy.float32) if table.get("labels") else None
    weights = numpy.fromfile(table["weights"], numpy.float32) if table.get("weights") else None
    return xgboost.DMatrix(data, label=labels, weight=weights, missing=numpy.nan, nthread=1, feature_names=table["names"])


def train(request):
    examples = matrix(request["table"])
    parameters = {"objective": "reg:squarederror", "nthread": 1, "verbosity": 0, **request["parameters"]}
    start = time.process_time()
    booster = xgboost.train(parameters, examples, num_boost_round=request["rounds"])
    ms = (time.process_time() - start) * 1000
    booster.save_model(request["model"])
    return {"ms": ms}


def predict(request):
    rows = matrix(request["table"])
    booster = xgboost.Booster({"nthread": 1}, model_file=request["model"])
    start = time.process_time()
    made = booster.predict(rows)
    ms = (time.process_time() - start) * 1000
    made.astype(numpy.float32).tofile(request["predictions"])
    booster.predict(rows, pred_contribs=True).astype(numpy.float32).tofile(request["contributions"])
    return {"ms": ms}


print(json.dumps({"version": xgboost.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    answer = {"train": train, "predict": predict}[request["do"]](request)
    print(json.dumps(answer), flush=True)
