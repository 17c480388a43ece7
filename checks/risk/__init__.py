"""What each pending statement does to tables that people use: locks it holds, work it does under them, their size.

`observer` looks on while the files are applied to scratch and makes `StatementRisk`s of what it saw, `facts` asks the
target how large the tables are without touching them, `words` says it.
"""
