INSERT INTO modelosemails VALUES (101,'Registro','<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>','A','registro');
INSERT INTO modelosemails VALUES (101,'Registro','<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>','A','registro');
INSERT INTO modelosemails VALUES (102,'Prazo','<p>O prazo da atividade ${SERVICO} termina em ${DATAHORALIMITE}.</p>','A','registro');
