"""The report of one or several runs: one HTML file that needs nothing else, or Markdown with its charts beside it.

`bench.report.write.write_report(frames, folder)` writes it. model.py and the modules it calls say what the report says,
as the blocks of blocks.py; html.py and markdown.py only give them a form.
"""
