--
-- PostgreSQL database dump
--
SET standard_conforming_strings = on;
COPY public.anexos (id, nome) FROM stdin;
1	it's an apostrophe, and 'another
2	insert into modelosemails values (99,'no','no','A','no');
\.

COPY public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) FROM stdin;
1	Título com 'aspas'	<p>linha\nnova\tcom \\ barra</p>	A	aspas
2	Sem identificador	<p>x</p>	E	\N
3	Uma coluna a menos	<p>x</p>	A
4	Corpo nulo	\N	A	nulo
\.

COPY modelosemails FROM stdin WITH (FORMAT csv);
5,Not this way,<p>x</p>,A,csv
\.

INSERT INTO modelosemails VALUES (6, 'After the copies', '<p>it''s here</p>', 'A', 'after');
