"""Resume states: bytes with the right digest that are no state of this version are refused all the same."""

import hashlib

import numpy as np
import pytest
from safetensors.numpy import load, save

from lstm_pipeline.errors import BrokenArtifact
from lstm_pipeline.training.resume import ResumeState
from lstm_pipeline.training.rounds import Position, Round

SEAL = 32
WEIGHTS = {"head.weight": np.ones((2, 3), np.float32), "head.bias": np.zeros(2, np.float32)}
STATE = ResumeState(
    weights=WEIGHTS,
    best={name: 2 * weight for name, weight in WEIGHTS.items()},
    averages=WEIGHTS,
    squares=WEIGHTS,
    position=Position(
        step=7,
        loss_total=0.1,
        loss_count=3,
        rounds=(Round(step=5, training_loss=1 / 3, validation_loss=None, learning_rate=1e-3),),
    ),
).to_bytes()


def sealed(data):
    """Bytes that carry their own digest, as a state does."""
    return data + hashlib.sha256(data).digest()


def without(part):
    """A state in which one array is missing."""
    return save({name: array for name, array in load(STATE[:-SEAL]).items() if not name.startswith(part)})


@pytest.mark.parametrize(
    "data",
    [b"", b"{}" * 50, STATE[: len(STATE) // 2], save({"position": np.frombuffer(b"[1]", np.uint8)})],
    ids=["nothing", "text", "half a state", "no position"],
)
def test_bytes_that_carry_their_digest_and_are_no_state_are_refused(data):
    with pytest.raises(BrokenArtifact, match=r"no resume state \(.*delete the file and training begins"):
        ResumeState.from_bytes(sealed(data))


def test_a_state_without_its_position_is_refused():
    with pytest.raises(BrokenArtifact, match="no resume state"):
        ResumeState.from_bytes(sealed(without("position")))


def test_a_state_of_another_format_is_refused_with_what_to_do():
    newer = STATE[:-SEAL].replace(b'"format": 1', b'"format": 9')

    with pytest.raises(BrokenArtifact, match="has format 9, this version reads 1; delete it to train from"):
        ResumeState.from_bytes(sealed(newer))


def test_a_state_without_a_validation_loss_is_read_back_to_the_last_digit():
    back = ResumeState.from_bytes(STATE)

    assert back.to_bytes() == STATE
    assert back.position.rounds[0].training_loss == 1 / 3
    assert back.position.rounds[0].validation_loss is None
