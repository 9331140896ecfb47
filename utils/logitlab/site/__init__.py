"""The course as pages: the text and the figures of all labs, without the answers, readable offline.

`python -m logitlab.site` writes them. `pages` puts a page together, `text` turns Markdown and LaTeX into
HTML and MathML, `questions` and `figures` hold the words that no notebook has. Nothing imports this room.
"""
