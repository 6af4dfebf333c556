"""The report of one or several runs: one HTML file that needs nothing else, Markdown with its charts beside it, or PDF.

`bench.report.write.write_report(frames, folder)` writes it. model.py and the modules it calls say what the report says,
as the blocks of blocks.py; render.py, markdown.py and pdf.py only give them a form.
"""
