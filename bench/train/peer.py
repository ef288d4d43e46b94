"""PyTorch's side of the comparison: the network that task.json describes, trained by autograd on one thread.

    {"steps": 10}  -> {"losses": [...], "ms": [...]}

    python3 bench/train/peer.py FOLDER [--moved | --exact]

The architecture is not written again here: nodes of the ONNX graph are carried out one by one.

How much of a difference rounding alone makes: --moved begins with every weight one rounding step away from what it is, up or down; --exact computes
in float64.
"""
import json
import math
import sys
import time

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
exact = "--exact" in sys.argv
folder = sys.argv[1]
with open(f"{folder}/task.json", encoding="utf8") as file:
    task = json.load(file)
setting = task["setting"]
batch = setting["batch"]
dims = task["input"]["dims"]
size = math.prod(dims)
examples = torch.from_numpy(numpy.fromfile(f"{folder}/examples.bin", numpy.float32))
labels = torch.from_numpy(numpy.fromfile(f"{folder}/labels.bin", numpy.int64))
if exact:
    examples = examples.double()
stored = open(f"{folder}/weights.bin", "rb").read()

weights = {}
for each in task["weights"]:
    kind = {"float32": numpy.float32, "int64": numpy.int64}[each["dtype"]]
    values = numpy.frombuffer(stored, kind, each["bytes"] // numpy.dtype(kind).itemsize, each["offset"]).reshape(each["dims"]).copy()
    if "--moved" in sys.argv and each["name"] in task["parameters"]:
        up = numpy.random.default_rng(len(weights)).random(values.shape) < 0.5
        values = numpy.where(up, numpy.nextafter(values, numpy.float32(numpy.inf)), numpy.nextafter(values, numpy.float32(-numpy.inf)))
    tensor = torch.from_numpy(values)
    weights[each["name"]] = tensor.double() if exact and tensor.is_floating_point() else tensor

trained = []


def train(tensor):
    leaf = tensor.clone().requires_grad_(True)
    trained.append(leaf)
    return leaf


def lstm_weights(node):
    """Leaves in PyTorch's order: for each direction W, R and two biases; gates i, f, g, o where ONNX has i, o, f, c."""
    names = node["inputs"]
    hidden = weights[names[2]].shape[2]
    order = [0, 2, 3, 1]
    turned = lambda x: torch.cat([x[gate * hidden : (gate + 1) * hidden] for gate in order])
    leaves = []
    for direction in range(weights[names[1]].shape[0]):
        leaves += [train(turned(weights[name][direction])) for name in names[1:3]]
        if len(names) > 3 and names[3] != "":
            leaves += [train(turned(half)) for half in weights[names[3]][direction].chunk(2)]
    return leaves


recurrent = {node["outputs"][0]: lstm_weights(node) for node in task["nodes"] if node["op"] == "LSTM"}
inside = {name for node in task["nodes"] if node["op"] == "LSTM" for name in node["inputs"][1:]}
for name in task["parameters"]:
    if name not in inside:
        weights[name] = train(weights[name])


def pads(attributes, rank):
    given = attributes.get("pads", [0] * (2 * rank))
    assert given[:rank] == given[rank:], "uneven padding"
    return given[:rank]


def carry_out(node, values):
    op, attributes = node["op"], node["attributes"]
    x, *rest = [values.get(name, weights.get(name)) for name in node["inputs"]]
    if op == "Conv":
        rank = x.dim() - 2
        convolve = {1: F.conv1d, 2: F.conv2d}[rank]
        ones = [1] * rank
        bias = rest[1] if len(rest) > 1 else None
        strides, dilations = attributes.get("strides", ones), attributes.get("dilations", ones)
        return convolve(x, rest[0], bias, strides, pads(attributes, rank), dilations, attributes.get("group", 1))
    if op == "BatchNormalization":
        scale, shift, mean, variance = rest
        momentum = 1 - attributes.get("momentum", 0.9)
        return F.batch_norm(x, mean, variance, scale, shift, True, momentum, attributes.get("epsilon", 1e-5))
    if op == "MaxPool":
        rank = x.dim() - 2
        return {1: F.max_pool1d, 2: F.max_pool2d}[rank](x, attributes["kernel_shape"], attributes["strides"], pads(attributes, rank))
    if op == "AveragePool":
        rank = x.dim() - 2
        pool = {1: F.avg_pool1d, 2: F.avg_pool2d}[rank]
        counts = attributes.get("count_include_pad", 0) == 1
        return pool(x, attributes["kernel_shape"], attributes["strides"], pads(attributes, rank), False, counts)
    if op == "GlobalAveragePool":
        return x.mean(list(range(2, x.dim())), keepdim=True)
    if op == "Gemm":
        assert attributes.get("transB", 0) == 1 and attributes.get("transA", 0) == 0
        return F.linear(x, *rest)
    if op == "LSTM":
        leaves = recurrent[node["outputs"][0]]
        hidden, directions = attributes["hidden_size"], 2 if attributes.get("direction") == "bidirectional" else 1
        zeros = x.new_zeros(directions, x.shape[1], hidden)
        biases = len(leaves) == 4 * directions
        made = torch._VF.lstm(x, (zeros, zeros), leaves, biases, 1, 0.0, True, directions == 2, False)[0]
        return made.reshape(x.shape[0], x.shape[1], directions, hidden).transpose(1, 2)
    plain = {
        "Relu": torch.relu,
        "Tanh": torch.tanh,
        "Sigmoid": torch.sigmoid,
        "Add": torch.add,
        "Identity": lambda x: x,
        "Flatten": lambda x: x.flatten(1),
        "Reshape": lambda x, shape: x.reshape([x.shape[axis] if size == 0 else size for axis, size in enumerate(shape.tolist())]),
        "Transpose": lambda x: x.permute(attributes["perm"]),
    }
    return plain[op](x, *rest)


def loss_of(values, example, label):
    total = 0
    for each in setting["losses"]:
        if each["kind"] == "cross-entropy":
            part = F.cross_entropy(values[each["scores"]], label)
        elif each["kind"] == "squared-error":
            part = F.mse_loss(values[each["output"]], example)
        else:
            wanted, mean = each["mean"], values[each["activations"]].mean(0)
            mean = mean * (1 - 2e-6) + 1e-6
            part = (wanted * torch.log(wanted / mean) + (1 - wanted) * torch.log((1 - wanted) / (1 - mean))).sum()
        total = total + each.get("weight", 1) * part
    return total


kind = setting["optimizer"]
if kind["kind"] == "adam":
    optimizer = torch.optim.Adam(trained, lr=setting["rate"])
else:
    optimizer = torch.optim.SGD(trained, lr=setting["rate"], momentum=kind.get("momentum", 0))

count = 0


def step():
    global count
    at = count % task["batches"]
    count += 1
    example = examples[at * size : (at + 1) * size].reshape(dims)
    values = {task["input"]["name"]: example}
    for node in task["nodes"]:
        values[node["outputs"][0]] = carry_out(node, values)
    loss = loss_of(values, example, labels[at * batch : (at + 1) * batch])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    losses, ms = [], []
    for _ in range(json.loads(line)["steps"]):
        start = time.perf_counter()
        losses.append(step())
        ms.append((time.perf_counter() - start) * 1000)
    print(json.dumps({"losses": losses, "ms": ms}), flush=True)
