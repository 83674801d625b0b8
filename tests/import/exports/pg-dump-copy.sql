SET standard_conforming_strings = on;
COPY public.usuario (idusuario, nome) FROM stdin;
1	modelosemails
\.
COPY public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) FROM stdin;
101	Registro	<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>	A	registro
102	Prazo	<p>Linha um\nlinha\tdois \\ três</p>	I	\N
\.
SELECT 1;
