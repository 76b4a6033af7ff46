"""`python -m durability rounds --count 2000`, `faults`, `deliveries`: what takes too long for the test suite."""

import argparse

from durability import deliveries, faults, rounds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m durability", description="Try to lose what was acknowledged.")
    commands = parser.add_subparsers(dest="command", required=True)
    killing = commands.add_parser("rounds", help="kill processes while visitors hand reports in")
    killing.add_argument("--count", type=int, default=2000)
    killing.add_argument("--seed", type=int)
    failing = commands.add_parser("faults", help="let one call of the system after the other fail")
    failing.add_argument("--server", default="granian", choices=["granian", "gunicorn"])
    delivering = commands.add_parser("deliveries", help="kill processes while they deliver")
    delivering.add_argument("--count", type=int, default=5000)
    delivering.add_argument("--seed", type=int)
    delivering.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    given = parser.parse_args()
    if given.command == "deliveries":
        print(deliveries.run(given.count, seed=given.seed, says=True, on_postgresql=given.postgresql))  # noqa: T201 # a command
    elif given.command == "rounds":
        print(rounds.run(given.count, says=True, seed=given.seed))  # noqa: T201 # a command
    else:
        print(faults.run(given.server, says=True))  # noqa: T201 # a command


if __name__ == "__main__":
    main()
