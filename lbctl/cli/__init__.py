"""The command line. Commands import what they need when they run, so that `lbctl version` stays quick."""

from __future__ import annotations

import typer

from lbctl.cli import controller, plan, sandbox, status, version

app = typer.Typer(
    name="lbctl",
    help="A Kubernetes load-balancer controller, with a cluster on this machine to try it on.\n\n"
    "New here? `lbctl sandbox up` gives you a cluster on this machine to try it on.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("controller")(controller.run)
app.command("plan")(plan.run)
app.command("status")(status.run)
app.command("version")(version.run)
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """The console script."""
    app()
