"""Base class of all sections, and the types of fields that several of them share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]
HalfOpenFraction = Annotated[float, Field(ge=0.0, lt=1.0)]
ClosedFraction = Annotated[float, Field(ge=0.0, le=1.0)]
TreeDepth = Annotated[int, Field(ge=0, le=30)]  # 30 is Spark's own limit


class Section(BaseModel):
    """A section of the parameters: unknown keys and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
