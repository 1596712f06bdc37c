"""No password among the parameters, which are recorded."""

from typing import Any

import pytest

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.secrets import refuse_passwords


@pytest.mark.parametrize(
    "value",
    [
        "s3a://me:secret@bucket/rows.csv",
        "s3a://me:se/cret@bucket/rows.csv",
        "s3a://:secret@bucket/rows.csv",
        "s3a://me:12345@bucket/rows.csv",
        ["rows.csv", "s3a://me:secret@bucket/rows.csv"],
        {"input": "s3a://me:secret@bucket/rows.csv"},
        "https://host/rows.csv?sig=secret",
        "https://host/rows.csv?X-Amz-Date=1&X-Amz-Signature=secret",
        "jdbc://host/rows?user=me&password=secret",
    ],
)
def test_a_password_is_refused_and_not_repeated(value: Any) -> None:
    with pytest.raises(ParameterError, match=r"scoring.* holds a password") as refused:
        refuse_passwords({"scoring": value})
    assert "cret" not in str(refused.value).replace("secret.key", "")


@pytest.mark.parametrize(
    "value",
    [
        "s3a://bucket/rows.csv",
        "hdfs://host:9000/rows@noon.csv",
        "abfss://container@account.dfs.core.windows.net/rows.csv",
        "me:secret",
        "https://host/rows.csv?version=2&signed=no",
        ["rows.csv"],
    ],
)
def test_other_texts_pass(value: Any) -> None:
    refuse_passwords({"scoring": value})
