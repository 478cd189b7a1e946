/** Code longer than this is not looked at again: reading it a second time would cost more than it tells. */
const LONGEST_CODE = 20_000;

/**
 * IPython sends nothing for `None`, as it sends nothing for code without a value. This expression, evaluated by
 * the kernel with the run itself (`user_expressions`), tells them apart: true when the last statement is an
 * expression that is `None`, is not silenced by a semicolon, and is not a call: `print(x)` and `plt.show()` are
 * run for what they do, and have no value to speak of. It defines nothing and leaves no trace in the history.
 */
export const NONE_EXPRESSION = [
  "(lambda run, ast: run.success and run.result is None",
  `and len(run.info.raw_cell) <= ${LONGEST_CODE}`,
  "and not run.info.raw_cell.rstrip().endswith(';')",
  "and (lambda body: bool(body) and isinstance(body[-1], ast.Expr)",
  "and not isinstance(getattr(body[-1].value, 'value', None) if isinstance(body[-1].value, ast.Await)",
  "else body[-1].value, ast.Call))",
  "(ast.parse(__import__('IPython').get_ipython().transform_cell(run.info.raw_cell)).body))",
  "(__import__('IPython').get_ipython().last_execution_result, __import__('ast'))",
].join(" ");
