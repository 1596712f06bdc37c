"""Find, in source code, what executes code out of the files that it reads."""

import ast
from collections.abc import Iterator

MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
FUNCTIONS = {"eval", "exec", "compile", "read_pickle", "unsafe_load", "full_load", "load_all"}
FUNCTIONS |= {"enable_unsafe_deserialization", "model_from_json", "pickleFile", "func_load"}
YAML_LOADERS = {"Loader", "UnsafeLoader", "FullLoader", "CLoader"}


def unsafe_calls(source: str) -> list[str]:
    """Return what is wrong in a module, with its line."""
    return [f"{line}: {reason}" for line, reason in _findings(ast.parse(source))]


def _findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names = [module, *(alias.name for alias in node.names)]
            for name in names:
                if name.partition(".")[0] in MODULES:
                    yield node.lineno, f"imports {name}"
        if isinstance(node, ast.Call):
            reason = _reason(node)
            if reason is not None:
                yield node.lineno, reason
        if isinstance(node, ast.Attribute | ast.Name) and _last_name(node) in YAML_LOADERS:
            yield node.lineno, "a YAML loader that makes objects"


def _reason(call: ast.Call) -> str | None:
    name, owner = _last_name(call.func), _last_name(getattr(call.func, "value", call.func))
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    plain = isinstance(call.func, ast.Name)
    # A regular expression compiles no code, and an expression of Spark takes a row, or None.
    harmless = not plain and (name == "compile" or (name == "eval" and _takes_no_text(call)))
    if name in FUNCTIONS and not harmless:
        return f"calls {name}"
    if owner == "yaml" and name == "load":
        return "calls yaml.load: safe_load makes no objects"
    if name == "load" and owner in ("np", "numpy") and options.get("allow_pickle") != "False":
        return "np.load without allow_pickle=False"
    if name in ("load_model", "deserialize_keras_object") and options.get("safe_mode") != "True":
        return f"{name} without safe_mode=True"
    if name in ("__import__", "import_module") and any(
        isinstance(argument, ast.Constant) and argument.value in MODULES for argument in call.args
    ):
        return f"imports {ast.unparse(call.args[0])}"
    return None


def _takes_no_text(call: ast.Call) -> bool:
    return [ast.unparse(argument) for argument in call.args] == ["None"] and not call.keywords


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
