"""Arrays in every form that numpy writes or reads, for the Java reader.

`python -m golden.npy --output ../../probeselect-core/src/test/resources/npz`
"""

import argparse
import io
import json
import struct
from pathlib import Path

import numpy as np

VALUES = np.arange(24, dtype=np.float64).reshape(2, 3, 4) - 7


def _saved(array: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


def _written(header: str, data: bytes, version: int = 1) -> bytes:
    """A file with a header that numpy would not write but, if it is valid, reads."""
    text = header.encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def files() -> dict[str, bytes]:
    floats = VALUES.astype("<f4")
    data = floats.tobytes()
    plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }\n"
    wrong = {
        "twice": plain.replace("{", "{'descr': '<f4', "),
        "lacking": "{'descr': '<f4', 'shape': (2, 3, 4)}\n",
        "unknown": plain.replace("{", "{'extra': True, "),
        "object": plain.replace("<f4", "|O"),
        "double": plain.replace("<f4", "<f8"),
        "shape": plain.replace("(2, 3, 4)", "(2, 12)"),
        "huge": plain.replace("(2, 3, 4)", "(4294967296, 4294967296, 4294967298)"),
        "negative": plain.replace("(2, 3, 4)", "(-2, -3, 4)"),
        "code": plain.replace("False", "[].append(1)"),
        "cut": plain[:-4],
    }
    return {
        "v1": _saved(floats),
        "v2": _saved(floats, (2, 0)),
        "v3": _saved(floats, (3, 0)),
        "fortran": _saved(np.asfortranarray(floats)),
        "big-endian": _saved(VALUES.astype(">f4")),
        "big-endian-fortran": _saved(np.asfortranarray(VALUES.astype(">f4"))),
        "order-of-keys": _written("{'shape':(2,3,4),'fortran_order':False,'descr':'<f4'}", data),
        "double-quotes": _written(
            '  { "descr" : "<f4" ,\t"fortran_order":False, "shape": ( 2 , 3, 4, ) , } \n', data, 2
        ),
        "unpadded": _written(plain, data),
        **{f"wrong-{name}": _written(header, data) for name, header in wrong.items()},
        "wrong-version": b"\x93NUMPY\x04\x00" + _written(plain, data)[8:],
        "wrong-short": _written(plain, data[:-1]),
        "wrong-magic": b"\x93NUMPX" + _written(plain, data)[6:],
        "wrong-length": b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + data,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    written = {name: content.hex() for name, content in files().items()}
    (output / "arrays.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
