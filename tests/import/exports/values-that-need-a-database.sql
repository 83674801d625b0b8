INSERT INTO modelosemails VALUES ((SELECT MAX(id) + 1 FROM modelosemails), 'Contado', '<p>O prazo da atividade ${SERVICO} termina em ${DATAHORALIMITE}.</p>', 'A', 'contado');
INSERT INTO modelosemails VALUES (102, 'Prazo', CONCAT('<p>um', ' ', 'dois</p>'), 'A', 'prazo');
INSERT INTO modelosemails SELECT idmodeloemail, titulo, texto, situacao, identificador FROM antigos;
UPDATE modelosemails SET titulo = 'x' WHERE idmodeloemail = 102;
