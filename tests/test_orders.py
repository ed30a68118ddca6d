"""A training handed to another machine by reference, and one that has to stay here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lstm_pipeline import checkpoints
from lstm_pipeline.errors import BadConfig, BrokenArtifact
from lstm_pipeline.steps import PLAIN, build_dataset, retrain, train
from lstm_pipeline.steps.fitting import Shop, carry_out
from tests.conftest import Line, hourly, waves

ROWS = hourly("a", waves())


class Elsewhere:
    """Another machine, which does what it is told in a process of its own."""

    def __init__(self, job, *, able=True):
        self.job, self.able, self.orders = job, able, []

    def __call__(self, order):
        self.orders.append(order)
        if not self.able:
            return ""
        carry_out(replace(self.job, config=order.config), order, Shop(by="gpu-0 on far"))
        return "the pool gpu"


def ordered(line, **settings):
    """An order as it reaches a trainer."""
    job = line.job(ROWS, **settings)
    shop = Elsewhere(job, able=False)
    train(job, build_dataset(job), Shop(elsewhere=shop))
    (order,) = shop.orders
    line.store.clear(f"models/{order.model}")
    return job, order


def test_a_model_that_another_machine_made_is_the_one_that_is_made_here(line, tmp_path):
    job, other = line.job(ROWS), Line(tmp_path / "other").job(ROWS)
    far = train(job, build_dataset(job), Shop(elsewhere=Elsewhere(job)))

    near = train(other, build_dataset(other))

    away, here = (checkpoints.card(store, far.id) for store in (line.store, Line(tmp_path / "other").store))
    assert near.id == far.id
    assert away.weights_sha256 == here.weights_sha256
    assert (away.trained_by, here.trained_by) == ("gpu-0 on far", "")


def test_the_page_of_a_run_names_who_trained_it(line):
    job = line.job(ROWS)
    steps = replace(PLAIN, train=lambda job, data: train(job, data, Shop(elsewhere=Elsewhere(job))))

    outcome = retrain(job, steps)

    assert "trained by gpu-0 on far, on cpu" in outcome.notes


def test_a_model_that_is_there_is_ordered_from_nobody(line):
    job = line.job(ROWS)
    train(job, build_dataset(job))
    shop = Elsewhere(job)

    train(job, build_dataset(job), Shop(elsewhere=shop))

    assert shop.orders == []


def test_what_has_to_stay_here_is_ordered_from_nobody(line):
    job = line.job(ROWS, training={"where": "here"})
    shop = Elsewhere(job)

    train(job, build_dataset(job), Shop(elsewhere=shop))

    assert shop.orders == []
    assert line.store.list("recipes") == ()


def test_where_a_model_is_trained_is_no_part_of_its_id(line):
    ids = set()
    for where in ("auto", "here"):
        job = line.job(ROWS, training={"where": where, "on_missing_gpu": "cpu"})
        ids.add(train(job, build_dataset(job)).id)

    assert len(ids) == 1


def test_a_run_that_knows_no_pool_refuses_to_train_what_has_to_be_trained_there(line):
    job = line.job(ROWS, training={"where": "pool"})

    with pytest.raises(BadConfig, match=r'training\.where is "pool", and this run knows no pool'):
        train(job, build_dataset(job))


def test_a_trainer_with_another_store_refuses_the_order(line):
    job, order = ordered(line)

    with pytest.raises(BadConfig, match="give both the same LSTM_PIPELINE_STORE"):
        carry_out(job, replace(order, store="s3://elsewhere/store"), Shop())


def test_an_altered_recipe_is_refused(line):
    job, order = ordered(line)
    path = line.folder / "store" / order.recipe
    path.write_text(path.read_text().replace('"seed":0', '"seed":1'))

    with pytest.raises(BrokenArtifact, match="it was altered, or this worker runs another version"):
        carry_out(job, order, Shop())


def test_a_gpu_that_is_missing_is_told_where_the_processor_may_stand_in(line):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    outcome = line.run(ROWS, training={"device": "cuda", "on_missing_gpu": "cpu"})

    assert any("no such GPU was there" in alert for alert in outcome.alerts)


def test_a_gpu_that_is_missing_fails_the_run_where_nothing_else_is_said(line):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(BadConfig, match='on_missing_gpu = "cpu"'):
        line.run(ROWS, training={"device": "cuda"})
