"""The peer of the bench: PyTorch doing the same work, one repetition per request.

Reads lines of JSON {"job": name, "threads": n, ...sizes} from stdin and answers {"seconds": s, "count": c} on stdout,
so that the bench can take turns with it on the same machine. Every job is warmed up before it is timed.
"""
import json
import sys
import time

import torch
from torch import nn


def network(sizes, activation, seed=0):
    torch.manual_seed(seed)
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        if i < len(sizes) - 2:
            layers.append({"tanh": nn.Tanh, "relu": nn.ReLU}[activation]())
    return nn.Sequential(*layers)


def data(examples, features, classes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(examples, features, generator=generator)
    y = torch.randint(0, classes, (examples,), generator=generator)
    return x, y


def timed(work, warmup, count):
    for _ in range(warmup):
        work()
    start = time.perf_counter()
    for _ in range(count):
        work()
    return {"seconds": time.perf_counter() - start, "count": count}


def training(job):
    """Plain SGD on minibatches drawn in file order: zero_grad, forward, loss, backward, step."""
    sizes, batch = job["sizes"], job["batch"]
    model = network(sizes, job["activation"])
    x, y = data(job["examples"], sizes[0], sizes[-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss_function = nn.CrossEntropyLoss()
    batches = [(x[i : i + batch], y[i : i + batch]) for i in range(0, job["examples"], batch)]
    position = 0

    def step():
        nonlocal position
        inputs, targets = batches[position % len(batches)]
        position += 1
        optimizer.zero_grad(set_to_none=True)
        loss_function(model(inputs), targets).backward()
        optimizer.step()

    return timed(step, job["warmup"], job["count"])


def gradient(job):
    sizes = job["sizes"]
    model = network(sizes, job["activation"])
    x, y = data(job["examples"], sizes[0], sizes[-1])
    loss_function = nn.CrossEntropyLoss()
    parameters = list(model.parameters())
    return timed(lambda: torch.autograd.grad(loss_function(model(x), y), parameters), job["warmup"], job["count"])


def hvp(job):
    """Double backward: the gradient with its graph, then the gradient of gᵀv."""
    sizes = job["sizes"]
    model = network(sizes, job["activation"])
    x, y = data(job["examples"], sizes[0], sizes[-1])
    loss_function = nn.CrossEntropyLoss()
    parameters = list(model.parameters())
    vectors = [torch.randn_like(p) for p in parameters]

    def product():
        gradients = torch.autograd.grad(loss_function(model(x), y), parameters, create_graph=True)
        torch.autograd.grad(gradients, parameters, grad_outputs=vectors)

    return timed(product, job["warmup"], job["count"])


def surface(job):
    """Point by point, as the existing tools do: write the parameters, run the model on all examples."""
    sizes, side = job["sizes"], job["points"]
    model = network(sizes, job["activation"])
    x, y = data(job["examples"], sizes[0], sizes[-1])
    loss_function = nn.CrossEntropyLoss()
    parameters = list(model.parameters())
    origin = [p.detach().clone() for p in parameters]
    d1 = [torch.randn_like(p) * 0.1 for p in parameters]
    d2 = [torch.randn_like(p) * 0.1 for p in parameters]
    steps = torch.linspace(-1, 1, side).tolist()

    def point(a, b):
        with torch.no_grad():
            for p, o, u, v in zip(parameters, origin, d1, d2):
                p.copy_(o + a * u + b * v)
            return loss_function(model(x), y).item()

    for _ in range(job["warmup"]):
        point(0.1, 0.2)
    start = time.perf_counter()
    rows = job.get("rows", side)
    for b in steps[:rows]:
        for a in steps:
            point(a, b)
    return {"seconds": (time.perf_counter() - start) * side / rows, "count": side * side}


JOBS = {"training": training, "gradient": gradient, "hvp": hvp, "surface": surface}

print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(request["threads"])
    print(json.dumps(JOBS[request["job"]](request)), flush=True)
