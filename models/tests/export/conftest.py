import pytest

from random_pipeline import build, flux, stable_diffusion_3


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    """A pipeline of each family, by its name; tests change copies only."""
    directory = tmp_path_factory.mktemp("originals")
    for name, pipeline in {"sd2": build, "sd3": stable_diffusion_3, "flux": flux}.items():
        pipeline().save_pretrained(directory / name)
    return directory
