"""Five columns that the tests of this folder read, and two rows of them."""

from pyspark.sql.types import StructType

SCHEMA = StructType.fromJson(
    {
        "type": "struct",
        "fields": [
            {"name": "id", "type": "integer", "nullable": False, "metadata": {}},
            {"name": "age", "type": "integer", "nullable": False, "metadata": {"min": 0}},
            {"name": "rate", "type": "double", "nullable": True, "metadata": {"max": 100}},
            {"name": "note", "type": "string", "nullable": True, "metadata": {}},
            {"name": "y", "type": "string", "nullable": False, "metadata": {}},
        ],
    }
)
ROWS = [(1, 30, 1.5, "a, b", "yes"), (2, 40, None, None, "no")]
PLAIN = 'id,age,rate,note,y\n1,30,1.5,"a, b",yes\n2,40,,,no\n'
HEADER = "id,age,rate,note,y\n"
