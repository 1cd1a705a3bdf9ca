"""Views: everything that is shown is drawn from the report, so a machine can read it too."""
