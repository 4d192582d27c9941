PREFIX : <urn:t#>
MOVE GRAPH <urn:g:one> TO <urn:g:two> ;
DELETE { ?s :has ?o } WHERE { ?s :has ?o }
