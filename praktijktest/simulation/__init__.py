"""Rounds with known truth: made by a seed, to try the program and to measure how well it does."""

from praktijktest.simulation.parameters import (
    CellProbabilities,
    RoundParameters,
    SimulatedGround,
    SimulatedProfile,
    ghent_like,
    one_ground,
)
from praktijktest.simulation.population_reading import parse_population, read_population
from praktijktest.simulation.population_round import simulate_population
from praktijktest.simulation.rounds import SimulatedRound, simulate_round
from praktijktest.simulation.scoring import Score, score
from praktijktest.simulation.writing import write_csv

__all__ = [
    "CellProbabilities",
    "RoundParameters",
    "Score",
    "SimulatedGround",
    "SimulatedProfile",
    "SimulatedRound",
    "ghent_like",
    "one_ground",
    "parse_population",
    "read_population",
    "score",
    "simulate_population",
    "simulate_round",
    "write_csv",
]
