CLEAR GRAPH <urn:g:none
