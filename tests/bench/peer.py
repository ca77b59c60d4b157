"""The peers of the bench: PyTorch, PyHessian and loss-landscapes doing the same work, one repetition per request.

Reads lines of JSON {"job": name, "threads": n, "problem": {...}, ...} from stdin and answers {"seconds": s, "count": c} on
stdout, so that the bench can take turns with it on the same machine. Model, examples and parameters come in files that
the bench wrote: both sides start from the same float32 numbers. Every job is warmed up before it is timed, and with
"output" it writes the numbers it got (float64, raw) for the bench to compare with its own.
"""
import importlib.metadata
import json
import platform
import sys
import time
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}


def network(model):
    """The Sequential of a model file of dense layers, convolutions and pools."""
    shape = list(model["inputShape"])
    layers = []
    for layer in model["layers"]:
        kind = layer["type"]
        if kind == "dense":
            layers.append(nn.Linear(shape[0], layer["units"]))
            shape = [layer["units"]]
        elif kind == "conv2d":
            size = layer["kernelSize"]
            layers.append(nn.Conv2d(shape[0], layer["filters"], size))
            shape = [layer["filters"], shape[1] - size + 1, shape[2] - size + 1]
        elif kind == "maxPool2d":
            size = layer["poolSize"]
            layers.append(nn.MaxPool2d(size))
            shape = [shape[0], shape[1] // size, shape[2] // size]
        elif kind == "flatten":
            layers.append(nn.Flatten())
            shape = [int(np.prod(shape))]
        else:
            raise ValueError(f"no layer {kind} here")
        activation = layer.get("activation", "identity")
        if activation != "identity":
            layers.append(ACTIVATIONS[activation]())
    return nn.Sequential(*layers)


def floats(path):
    return torch.from_numpy(np.fromfile(path, dtype=np.float32))


def load(job):
    """Model at the given parameters, inputs and class indices."""
    problem = job["problem"]
    model = network(problem["model"])
    nn.utils.vector_to_parameters(floats(problem["theta"]), model.parameters())
    x = floats(problem["x"]).reshape(-1, *problem["model"]["inputShape"])
    y = torch.from_numpy(np.fromfile(problem["y"], dtype=np.int32)).long()
    return model, x, y


def save(job, numbers):
    if "output" in job:
        np.asarray(numbers, dtype=np.float64).tofile(job["output"])


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def timed(work, warmup, count):
    for _ in range(warmup):
        work()
    start = time.perf_counter()
    for _ in range(count):
        work()
    return {"seconds": time.perf_counter() - start, "count": count}


def training(job):
    """Plain SGD on minibatches in file order: zero_grad, forward, loss, backward, step."""
    batch = job["batch"]
    model, x, y = load(job)
    start = flat(model.parameters())
    optimizer = torch.optim.SGD(model.parameters(), lr=job["learningRate"], fused=job["fused"])
    loss_function = nn.CrossEntropyLoss()
    batches = [(x[i : i + batch], y[i : i + batch]) for i in range(0, len(x), batch)]
    position = 0

    def step():
        nonlocal position
        inputs, targets = batches[position % len(batches)]
        position += 1
        optimizer.zero_grad(set_to_none=True)
        loss_function(model(inputs), targets).backward()
        optimizer.step()

    result = timed(step, job["warmup"], job["count"])
    save(job, flat(model.parameters()) - start)
    return result


def hvp(job):
    """Double backward: the gradient with its graph, then the gradient of gᵀv."""
    model, x, y = load(job)
    loss_function = nn.CrossEntropyLoss()
    parameters = list(model.parameters())
    vectors = unflatten(floats(job["v"]), parameters)
    products = None

    def product():
        nonlocal products
        gradients = torch.autograd.grad(loss_function(model(x), y), parameters, create_graph=True)
        products = torch.autograd.grad(gradients, parameters, grad_outputs=vectors)

    result = timed(product, job["warmup"], job["count"])
    save(job, flat(products))
    return result


def unflatten(vector, like):
    parts = vector.split([p.numel() for p in like])
    return [part.view_as(p) for part, p in zip(parts, like)]


def axis(job):
    return torch.linspace(-1, 1, job["points"], dtype=torch.float64).tolist()


@torch.no_grad()
def points(job):
    """A surface point by point, as the existing tools do: write the parameters, run the model on all examples.

    Every "stride"-th row of the grid is computed; the time is that of the whole grid at the same pace.
    """
    model, x, y = load(job)
    loss_function = nn.CrossEntropyLoss()
    parameters = list(model.parameters())
    origin = [p.detach().clone() for p in parameters]
    d1 = unflatten(floats(job["d1"]), parameters)
    d2 = unflatten(floats(job["d2"]), parameters)

    def point(a, b):
        for p, o, u, v in zip(parameters, origin, d1, d2):
            torch.add(o, u, alpha=a, out=p.data).add_(v, alpha=b)
        return loss_function(model(x), y).item()

    for _ in range(job["warmup"]):
        point(0.1, 0.2)
    steps = axis(job)
    rows = steps[:: job["stride"]]
    start = time.perf_counter()
    losses = [point(a, b) for b in rows for a in steps]
    seconds = time.perf_counter() - start
    save(job, losses)
    return {"seconds": seconds * len(steps) / len(rows), "count": len(steps) ** 2}


@torch.no_grad()
def trick(job):
    """The surface of a dense net with the plane trick, in place: X·W₀ + b₀, X·D₁, X·D₂ once, then per point the rest.

    "batch" points share each call, "chunk" examples at a time are taken through all points so that what is worked on
    stays in the cache. The first layer along b is summed once per row of the grid. Time as in `points`.
    """
    model, x, y = load(job)
    layers = [layer for layer in model if isinstance(layer, nn.Linear)]
    activate = torch.relu_ if any(isinstance(layer, nn.ReLU) for layer in model) else torch.tanh_
    parameters = list(model.parameters())
    first = parameters[0].numel() + parameters[1].numel()
    origin, d1, d2 = flat(parameters), floats(job["d1"]), floats(job["d2"])
    batch, chunk = job["batch"], min(job["chunk"], len(x))
    steps = axis(job)
    rows = steps[:: job["stride"]]
    tiles = [torch.tensor(steps[i : i + batch], dtype=torch.float32) for i in range(0, len(steps), batch)]

    def affine(vector, inputs):
        weight, bias = unflatten(vector[:first], parameters[:2])
        return F.linear(inputs, weight, bias)

    def rest(parts, k):
        """Weights, transposed, and biases of the layers after the first for k points."""
        out = []
        at = 0
        for layer in layers[1:]:
            outputs, inputs = layer.weight.shape
            weight = parts[:, at : at + outputs * inputs].view(k, outputs, inputs).transpose(1, 2)
            at += outputs * inputs
            out.append((weight, parts[:, at : at + outputs].view(k, 1, outputs)))
            at += outputs
        return out

    def grid(rows):
        losses = torch.zeros(len(rows), len(steps))
        for begin in range(0, len(x), chunk):
            inputs, targets = x[begin : begin + chunk], y[begin : begin + chunk]
            n = len(inputs)
            started = time.perf_counter()
            a0, a1, a2 = (affine(vector, inputs) for vector in (origin, d1, d2))
            products_seconds[0] += time.perf_counter() - started
            base = torch.empty_like(a0)
            buffers = [torch.empty(batch, n, layer.weight.shape[0]) for layer in layers]
            repeated = targets.repeat(batch)
            for j, b in enumerate(rows):
                torch.add(a0, a2, alpha=b, out=base)
                along = torch.add(origin[first:], d2[first:], alpha=b)
                column = 0
                for a in tiles:
                    k = len(a)
                    hidden = buffers[0][:k]
                    if k == 1:
                        torch.add(base, a1, alpha=steps[column], out=hidden[0])
                        settings = torch.add(along, d1[first:], alpha=steps[column]).unsqueeze(0)
                    else:
                        torch.addcmul(base, a.view(k, 1, 1), a1, out=hidden)
                        settings = torch.addcmul(along, a.view(k, 1), d1[first:])
                    for buffer, (weight, bias) in zip(buffers[1:], rest(settings, k)):
                        activate(hidden)
                        if k == 1:
                            torch.addmm(bias[0], hidden[0], weight[0], out=buffer[0])
                        else:
                            torch.baddbmm(bias, hidden, weight, out=buffer[:k])
                        hidden = buffer[:k]
                    logits = hidden.reshape(k * n, -1)
                    if k == 1:
                        losses[j, column] += F.cross_entropy(logits, targets, reduction="sum")
                    else:
                        each = F.cross_entropy(logits, repeated[: k * n], reduction="none")
                        losses[j, column : column + k] += each.view(k, n).sum(1)
                    column += k
        return losses / len(x)

    products_seconds = [0.0]
    grid(rows[:1])
    products_seconds = [0.0]
    start = time.perf_counter()
    losses = grid(rows)
    seconds = time.perf_counter() - start
    save(job, losses.reshape(-1))
    once = products_seconds[0]
    return {"seconds": once + (seconds - once) * len(steps) / len(rows), "count": len(steps) ** 2}


def landscapes(job):
    """loss_landscapes.random_plane with its own directions, on a grid of "side"² points.

    The time is that of the whole grid: drawing the directions once and every point at the pace of the smaller grid.
    Normalized per model: per filter it divides zero by zero where a bias is zero.
    """
    import loss_landscapes
    from loss_landscapes.metrics import Loss

    model, x, y = load(job)
    loss = Loss(nn.CrossEntropyLoss(), x, y)
    side = job["side"]
    seen = []

    def plane(metric, steps=side):
        torch.manual_seed(0)
        return loss_landscapes.random_plane(model, metric, steps=steps, normalization="model", deepcopy_model=True)

    class Noted(Loss):
        """Keeps θ beside each loss, for the bench to evaluate there."""

        def __call__(self, wrapper):
            value = super().__call__(wrapper)
            seen.append(np.append(flat(wrapper.get_module_parameters().parameters).numpy().astype(np.float64), value))
            return value

    if "output" in job:
        plane(Noted(nn.CrossEntropyLoss(), x, y))
        save(job, np.concatenate(seen))
        return {"seconds": 0, "count": len(seen)}
    directions = timed(lambda: plane(lambda _: 0.0, 1), 1, 1)["seconds"]
    grid = timed(lambda: plane(loss), 0, 1)["seconds"] - directions
    return {"seconds": directions + grid * job["points"] ** 2 / side**2, "count": job["points"] ** 2}


def eigenvalues(job):
    """The largest eigenvalues and the smallest by PyHessian: power iteration with deflation, each to a residual.

    PyHessian stops where two values in turn agree; here its own loop (its graph of the gradient, kept between products,
    its `orthnormal` and `normalization`) goes on until ‖Hv − λv‖ ≤ tolerance·λ₁, looked at beside the vectors found
    before: stricter would be unfair, as their own errors bound it. It has no bottom end: what its users do is power
    iteration on H − λ₁I. Where "limit" seconds are over it gives up; NaN stands for what is missing.
    """
    from pyhessian import hessian
    from pyhessian.utils import group_add, group_product, hessian_vector_product, normalization, orthnormal

    model, x, y = load(job)
    torch.manual_seed(0)
    start = time.perf_counter()
    computer = hessian(model, nn.CrossEntropyLoss(), data=(x, y), cuda=False)
    products = 0

    def apply(v, shift=0.0):
        nonlocal products
        products += 1
        product = [p.detach() for p in hessian_vector_product(computer.gradsH, computer.params, v)]
        return group_add(product, v, alpha=-shift) if shift else product

    def power(known, largest=None, shift=0.0):
        v = normalization([torch.randn_like(p) for p in computer.params])
        while time.perf_counter() - start < job["limit"]:
            v = orthnormal(v, known)
            image = apply(v, shift)
            value = group_product(image, v).item()
            for u in known:
                image = group_add(image, u, alpha=-group_product(image, u))
            rest = [w - value * part for w, part in zip(image, v)]
            residual = group_product(rest, rest).item() ** 0.5
            if residual <= job["tolerance"] * (abs(value) if largest is None else largest):
                return value, v
            v = normalization(image)
        return None

    values, vectors = [], []
    for _ in range(job["top"]):
        found = power(vectors, values[0] if values else None)
        if found is None:
            break
        values.append(found[0])
        vectors.append(found[1])
    lowest = power([], values[0], values[0]) if len(values) == job["top"] else None
    seconds = time.perf_counter() - start
    values += [float("nan")] * (job["top"] - len(values))
    save(job, values + [lowest[0] + values[0] if lowest else float("nan")])
    model.zero_grad()
    return {"seconds": seconds, "count": products, "finished": lowest is not None}


def peak(_job):
    """The most memory this process ever held, in bytes (Linux)."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return {"seconds": 0, "count": 1024 * int(line.split()[1])}


JOBS = {job.__name__: job for job in (training, hvp, points, trick, landscapes, eigenvalues, peak)}

# PyHessian keeps the gradient's graph in .grad, which torch warns of; the graph is dropped after each job.
warnings.filterwarnings("ignore", message="Using backward\\(\\) with create_graph=True")
packages = {name: importlib.metadata.version(name) for name in ("torch", "pyhessian", "loss-landscapes", "numpy")}
print(json.dumps({"python": platform.python_version(), "packages": packages, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(request.get("threads", torch.get_num_threads()))
    try:
        answer = JOBS[request["job"]](request)
    except Exception as error:
        answer = {"error": f"{request['job']}: {type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
