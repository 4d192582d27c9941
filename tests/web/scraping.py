"""What /metrics returns, as the parser of Prometheus reads it."""

from prometheus_client.parser import text_string_to_metric_families


def read_metrics(text: str) -> dict[str, float]:
    """Each sample, by its name and labels."""
    return {
        sample.name + "".join(f'{{{name}="{value}"}}' for name, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
