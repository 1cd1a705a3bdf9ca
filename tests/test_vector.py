"""What is remembered of one record never answers for another, or for another environment."""

import msgspec
import pytest

from adapter.deciding import vector
from adapter.deciding.dossier import Assembler
from adapter.deciding.fold import Fold
from adapter.edge import shipped
from adapter.edge.workspace import read_workspace
from adapter.making.plan import fold_record, in_fold_order
from adapter.making.spool import SpoolInMemory
from adapter.making.verdicts import Decider
from adapter.making.workspace import Workspace


def sample() -> tuple[Workspace, dict[str, Assembler]]:
    workspace = read_workspace(shipped.folder("contoso"))
    return workspace, {
        name: Assembler(workspace.settings, workspace.settings.environments[name],
                        env.records, env.finance)
        for name, env in workspace.environments.items()
    }  # fmt: skip


def test_remembered_facts_are_those_that_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "LEARNED_FROM", 100)  # what repeats is learned on the way
    workspace, assemblers = sample()
    remembering = Decider(workspace.rulebook, workspace.facts).vectors
    forgetting = Decider(workspace.rulebook, workspace.facts).vectors
    fold = Fold()
    compared = 0
    for name, actual in in_fold_order(workspace, assemblers, SpoolInMemory()):
        dossier = assemblers[name].assemble(actual)
        dossier.model = "integrated"
        forgetting._remembered.clear()
        forgetting._sample = None  # it learns nothing
        remembered, anew = remembering(dossier, fold), forgetting(dossier, fold)
        there, here = remembering.facts(remembered[1]), forgetting.facts(anew[1])
        assert there == here, actual.id
        assert remembered[0] == anew[0]
        fold_record(dossier, fold)
        compared += 1
    assert compared > 400
    assert remembering._sample is None


def test_a_copied_environment_keeps_the_ids_but_not_the_facts() -> None:
    workspace, assemblers = sample()
    decider = Decider(workspace.rulebook, workspace.facts)
    name, actual = next(
        (name, actual)
        for name, actual in in_fold_order(workspace, assemblers, SpoolInMemory())
        if assemblers[name].assemble(actual).contract is not None
    )
    first, second = assemblers[name].assemble(actual), assemblers[name].assemble(actual)
    assert second.contract is not None
    second.environment = msgspec.structs.replace(second.environment, name="copy")
    second.contract = msgspec.structs.replace(second.contract, number="of the copy")

    fold = Fold()
    facts = [decider.vectors.facts(decider.vectors(d, fold)[1]) for d in (first, second)]

    assert [f["contract.number"] for f in facts] == [first.contract and first.contract.number,
                                                   "of the copy"]  # fmt: skip
