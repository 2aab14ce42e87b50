"""Rounds with known truth: made by a seed, to try the program and to measure how well it does."""

from praktijktest.simulation.parameters import (
    CellProbabilities,
    RoundParameters,
    SimulatedGround,
    SimulatedProfile,
    ghent_like,
    one_ground,
)
from praktijktest.simulation.rounds import SimulatedRound, simulate_round
from praktijktest.simulation.writing import write_csv

__all__ = [
    "CellProbabilities",
    "RoundParameters",
    "SimulatedGround",
    "SimulatedProfile",
    "SimulatedRound",
    "ghent_like",
    "one_ground",
    "simulate_round",
    "write_csv",
]
