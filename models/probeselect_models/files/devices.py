"""Traced modules that run on the device of their inputs.

Tracing writes down what it saw on its own device: the device of every tensor that a network makes or casts,
and the numbers that it calculates with, as tensors there. Here both are taken out of a traced module again,
so that one file runs on every device.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

ANY = "any"
"""What a manifest has as the device of modules that run on every one."""
_DEVICE = "DeviceObjType"
_TENSOR = "TensorType"


class FixedDeviceError(ValueError):
    """A traced module would run on one device only."""


def follow_inputs(module: torch.jit.ScriptModule) -> None:
    """Rewrites every method of a freshly traced module, which must not have run yet.

    A device is read from the method's first input that is no single number. A number that is held as a
    tensor becomes one of the CPU where it is used: PyTorch calculates with such on every device, and reads
    it without waiting for a GPU. Any other constant tensor is brought to the device where it is used.
    """
    for where, graph in _graphs(module):
        for node in list(_constants(graph.nodes(), _TENSOR)):
            _release(graph, node, where)
        for node in list(_constants(graph.nodes(), _DEVICE)):
            if list(node.output().uses()):
                node.output().replaceAllUsesWith(_device_of_an_input(graph, where))
        torch._C._jit_pass_dce(graph)


def fixed_devices(module: torch.jit.ScriptModule) -> list[str]:
    """Every operation that is told which device to use, and where it is."""
    return [
        f"{use.user.kind()} in {where}"
        for where, graph in _graphs(module)
        for node in _constants(graph.nodes(), _DEVICE)
        for use in node.output().uses()
    ]


def check(module: torch.jit.ScriptModule, inputs: dict[str, tuple]) -> None:
    """Raises FixedDeviceError if a traced module does not run on another device than that of its trace.

    The other one is PyTorch's meta device, which every machine has: it computes shapes, and refuses a tensor
    of another device as a GPU does. The module is moved there and loses its weights.
    """
    found = fixed_devices(module)
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise FixedDeviceError(f"the device of the export is fixed for {found[0]}{more}")
    module.to("meta")
    for name, given in inputs.items():
        try:
            with torch.no_grad():
                results = getattr(module, name)(*(each.to("meta") for each in given))
        except (RuntimeError, NotImplementedError) as error:
            raise FixedDeviceError(
                f"{name} runs on the device of the export only: {str(error).strip().splitlines()[-1]}"
            ) from error
        for result in results if isinstance(results, tuple) else (results,):
            if result.device.type != "meta":
                raise FixedDeviceError(
                    f"{name} puts its result on {result.device}, whatever the device of its inputs"
                )


def _graphs(module: torch.jit.ScriptModule) -> Iterator[tuple[str, torch._C.Graph]]:
    for path, part in module.named_modules():
        for name in part._c._method_names():
            yield f"{path}.{name}" if path else name, part._c._get_method(name).graph


def _constants(nodes, kind: str) -> Iterator[torch._C.Node]:
    """Also those inside of branches and loops."""
    for node in nodes:
        if node.kind() == "prim::Constant" and node.output().type().kind() == kind:
            yield node
        for block in node.blocks():
            yield from _constants(block.nodes(), kind)


def _device_of_an_input(graph: torch._C.Graph, where: str) -> torch._C.Value:
    inputs = (value for value in graph.inputs() if value.type().kind() == _TENSOR)
    source = next((value for value in inputs if value.type().dim()), None)
    if source is None:
        raise FixedDeviceError(
            f"{where} makes a tensor and has no tensor among its inputs whose device it could take"
        )
    device = graph.create("prim::device", [source], 1)
    device.output().setType(torch._C.DeviceObjType.get())
    graph.prependNode(device)
    return device.output()


def _release(graph: torch._C.Graph, node: torch._C.Node, where: str) -> None:
    value = node.output().toIValue()
    number = _number(value)
    if number is not None:
        made = graph.create("prim::NumToTensor", [_constant(graph, number, node)], 1)
        made.insertBefore(node)
        node.output().replaceAllUsesWith(made.output())
        return
    device = _device_of_an_input(graph, where)
    made = graph.create("aten::to", [node.output(), device], 1)
    for option in (value.dtype, False, False):
        made.addInput(_constant(graph, option, node))
    made.insertAfter(node)
    node.output().replaceAllUsesAfterNodeWith(made, made.output())


def _constant(graph: torch._C.Graph, value: object, before: torch._C.Node) -> torch._C.Value:
    made = graph.insertConstant(value)
    made.node().moveBefore(before)
    return made


def _number(value: object) -> bool | int | float | None:
    """What makes the same tensor again, without a device; None if nothing does."""
    if isinstance(value, (bool, int, float)):
        return value
    same = value.dim() == 0 and value.dtype in (torch.bool, torch.int64, torch.float64)
    return value.item() if same else None
