"""rdflib-endpoint over a file of N-Quads: what its README shows, with the unnamed graph as default.

python rdflib_server.py FILE PORT
"""

import sys

import uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint

dataset = Dataset(default_union=False)
dataset.parse(sys.argv[1], format="nquads")
uvicorn.run(
    SparqlEndpoint(graph=dataset), host="127.0.0.1", port=int(sys.argv[2]), log_level="error"
)
